//! What a step is.

use super::CardError;
use crate::apdu::{Command, CommandError, Response};

/// One step of a session: gives a command, takes the response, and becomes the next or the result.
///
/// No step reads or writes anything itself, so the same steps run over a reader, a virtual card or a
/// recorded script.
pub trait Step: Sized {
    /// What a finished step proves or brings.
    type Output;

    /// The command to be sent now.
    ///
    /// # Errors
    ///
    /// [`CommandError`] if what the caller gave fits no command.
    fn command(&self) -> Result<Command, CommandError>;

    /// Takes the card's response to [`Step::command`].
    ///
    /// # Errors
    ///
    /// [`CardError`], after which the step is over.
    fn receive(self, response: Response) -> Result<Next<Self>, CardError>;
}

/// What follows a response.
#[derive(Debug)]
pub enum Next<S: Step> {
    /// Another command of the same step.
    Command(S),
    /// The step is done.
    Done(S::Output),
}
