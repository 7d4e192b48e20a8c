//! The token that goes with every call.

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::{Request, Status};

use crate::error::Error;

/// Adds `authorization: Bearer TOKEN` to a call, when there is a token.
#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    authorization: Option<MetadataValue<Ascii>>,
}

impl Credentials {
    /// # Errors
    /// [`Error::Token`] when the token cannot stand in a header.
    pub(crate) fn new(token: Option<&str>) -> Result<Self, Error> {
        let authorization = match token {
            None => None,
            Some(token) => {
                let mut value = MetadataValue::try_from(format!("Bearer {}", token.trim()))
                    .map_err(|_| Error::Token)?;
                // Keeps it out of hyper's and h2's logs, and of the table that h2 compresses headers with.
                value.set_sensitive(true);
                Some(value)
            }
        };
        Ok(Self { authorization })
    }
}

impl Interceptor for Credentials {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(value) = &self.authorization {
            request
                .metadata_mut()
                .insert("authorization", value.clone());
        }
        Ok(request)
    }
}
