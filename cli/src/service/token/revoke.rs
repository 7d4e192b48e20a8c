//! The end of a token.

use clap::Args;

use super::ServerOptions;
use crate::service::{answer, name};

const EXAMPLES: &str = "\
Examples:
  diel token revoke ab12cd34ef          as `diel token list` shows it
  diel token revoke diel_ab12cd34ef...  or as much of the token as was found";

/// How every token begins.
const PREFIX: &str = "diel_";
/// Digits of a token that are its id.
const ID_DIGITS: usize = 10;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct RevokeArguments {
    /// The token's id, its name, or how it begins.
    #[arg(value_name = "TOKEN")]
    token: String,

    #[command(flatten)]
    server: ServerOptions,
}

pub(super) async fn revoke(arguments: &RevokeArguments) -> anyhow::Result<()> {
    let client = arguments.server.connect().await?;
    let token = client.revoke_token(full_name(&arguments.token)).await?;
    answer::say(&format!(
        "revoked {} of {}; every server refuses it within 3 seconds",
        name::id(&token.name),
        name::parent_id(&token.name)
    ))
}

/// A name of whoever's token it is.
fn full_name(token: &str) -> String {
    if token.contains('/') {
        return token.to_owned();
    }
    let id = token.strip_prefix(PREFIX).unwrap_or(token);
    let id: String = id.chars().take(ID_DIGITS).collect();
    format!("principals/-/tokens/{id}")
}

#[cfg(test)]
mod tests {
    use super::full_name;

    #[test]
    fn a_token_is_named_by_its_id_or_by_what_was_found_of_it() {
        for text in [
            "ab12cd34ef",
            "diel_ab12cd34ef...",
            "diel_ab12cd34ef00112233",
            "principals/-/tokens/ab12cd34ef",
        ] {
            assert_eq!(full_name(text), "principals/-/tokens/ab12cd34ef", "{text}");
        }
    }
}
