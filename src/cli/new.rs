use super::{Failure, args::New};
pub fn new(_: &New) -> Result<(), Failure> {
    Ok(())
}
