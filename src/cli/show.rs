use super::{Failure, args::Show};
pub fn show(_: &Show) -> Result<(), Failure> {
    Ok(())
}
