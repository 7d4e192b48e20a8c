//! What of a setting is shown to nobody.

/// Stands for a password.
const MASK: &str = "***";

/// An address of a database without its password, wherever it stands: `postgres://USER:PASSWORD@...` or
/// `?password=PASSWORD`.
pub(super) fn masked(url: &str) -> String {
    let (address, query) = match url.split_once('?') {
        Some((address, query)) => (address, Some(query)),
        None => (url, None),
    };
    let mut shown = without_password(address);
    if let Some(query) = query {
        let terms: Vec<_> = query.split('&').map(masked_term).collect();
        shown.push('?');
        shown.push_str(&terms.join("&"));
    }
    shown
}

fn without_password(address: &str) -> String {
    // The last @ ends the password: one that is not escaped may hold others.
    let parts = address
        .split_once("://")
        .and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?)));
    match parts {
        Some((scheme, (user, place))) => match user.split_once(':') {
            Some((name, _)) => format!("{scheme}://{name}:{MASK}@{place}"),
            None => address.to_owned(),
        },
        None => address.to_owned(),
    }
}

fn masked_term(term: &str) -> String {
    match term.split_once('=') {
        Some((name, _)) if name.to_lowercase().contains("password") => format!("{name}={MASK}"),
        _ => term.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn a_password_is_never_shown_and_the_rest_is() {
        for (url, shown) in [
            ("sqlite:///var/lib/diel.db", "sqlite:///var/lib/diel.db"),
            (
                "postgres://diel@db.example/diel",
                "postgres://diel@db.example/diel",
            ),
            (
                "postgres://diel:hunter2@db:5432/diel?sslmode=require",
                "postgres://diel:***@db:5432/diel?sslmode=require",
            ),
            (
                "postgres://diel:a@b:c@db/diel",
                "postgres://diel:***@db/diel",
            ),
            (
                "postgres://db/diel?user=diel&password=hunter2&sslpassword=x",
                "postgres://db/diel?user=diel&password=***&sslpassword=***",
            ),
            ("postgres://:hunter2@db/diel", "postgres://:***@db/diel"),
        ] {
            assert_eq!(masked(url), shown);
        }
    }
}
