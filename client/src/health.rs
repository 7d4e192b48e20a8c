//! Whether a server takes calls.

use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::connect::Client;
use crate::error::Error;

impl Client {
    /// Asks the server whether it takes calls; no token is needed. False from the moment that it is told to stop, and when
    /// its disk has failed. Never tried again: this is asked to know how things are now.
    ///
    /// # Errors
    /// [`Error::Connection`] and [`Error::Timeout`] when it does not answer.
    pub async fn is_serving(&self) -> Result<bool, Error> {
        let request = HealthCheckRequest::default();
        let check =
            |transport, request| async move { HealthClient::new(transport).check(request).await };
        let answer = self.call_once(request, check).await?;
        Ok(answer.status() == ServingStatus::Serving)
    }
}
