use super::{Failure, args::Timeline};
pub fn timeline(_: &Timeline) -> Result<(), Failure> {
    Ok(())
}
