//! The addresses of a database that has standbys, written as libpq writes them.

use sqlx::postgres::PgConnectOptions;

use crate::StoreError;

/// What an address looks like.
const RULE: &str = "postgres://USER@HOST/DATABASE, or postgres://USER@HOST:PORT,HOST:PORT/DATABASE of a primary and its \
    standbys, with as many ports as hosts and target_session_attrs=read-write or none";

/// Reads an address of one server or several: `postgres://USER@A:5432,B:5432/DATABASE`, or hosts and ports as lists of
/// the query (`?host=A,B&port=5432,5433`). At least one is returned, in order.
///
/// # Errors
/// [`StoreError::Url`]: another form, lists of different lengths, or a session asked for that does not write.
pub(super) fn read(url: &str) -> Result<Vec<PgConnectOptions>, StoreError> {
    let address = Address::split(url).ok_or(StoreError::Url { rule: RULE })?;
    let count = address.count();
    (0..count)
        .map(|number| {
            let one = address.one(number, count);
            one.and_then(|url| url.parse().ok())
                .ok_or(StoreError::Url { rule: RULE })
        })
        .collect()
}

/// The pieces of an address; what may be a list is one.
#[derive(Debug)]
struct Address<'a> {
    scheme: &'a str,
    /// With its `@`, when there is one.
    user: &'a str,
    authorities: Vec<&'a str>,
    /// With its `/`, when there is one.
    path: &'a str,
    hosts: Vec<String>,
    ports: Vec<String>,
    /// The other parameters, as they were written.
    parameters: Vec<&'a str>,
}

impl<'a> Address<'a> {
    fn split(url: &'a str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let behind_user = authority.rfind('@').map_or(0, |at| at + 1);
        let (user, authorities) = authority.split_at(behind_user);
        let (mut hosts, mut ports, mut parameters) = (Vec::new(), Vec::new(), Vec::new());
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some(("host", list)) => hosts = split_list(list),
                Some(("port", list)) => ports = split_list(list),
                Some(("target_session_attrs", "read-write" | "primary")) => {}
                Some(("target_session_attrs", _)) => return None,
                _ => parameters.push(parameter),
            }
        }
        Some(Self {
            scheme,
            user,
            authorities: authorities.split(',').collect(),
            path,
            hosts,
            ports,
            parameters,
        })
    }

    fn count(&self) -> usize {
        self.authorities
            .len()
            .max(self.hosts.len())
            .max(self.ports.len())
    }

    /// The address of one of `count` servers; none when a list is neither of one nor of `count`.
    fn one(&self, number: usize, count: usize) -> Option<String> {
        let authority = *pick(&self.authorities, number, count)?;
        let mut parameters = self.parameters.clone();
        let host = pick(&self.hosts, number, count).map(|host| format!("host={host}"));
        let port = pick(&self.ports, number, count).map(|port| format!("port={port}"));
        if host.is_none() && !self.hosts.is_empty() || port.is_none() && !self.ports.is_empty() {
            return None;
        }
        parameters.extend(host.as_deref());
        parameters.extend(port.as_deref());
        // A user at no place is no address to whoever reads it next; the parameter says the place.
        let authority = match host {
            Some(_) if authority.is_empty() => "localhost",
            _ => authority,
        };
        let (scheme, user, path) = (self.scheme, self.user, self.path);
        let query = parameters.join("&");
        Some(format!("{scheme}://{user}{authority}{path}?{query}"))
    }
}

/// A comma stands for itself or as a browser writes it.
fn split_list(list: &str) -> Vec<String> {
    let list = list.replace("%2C", ",").replace("%2c", ",");
    list.split(',').map(str::to_owned).collect()
}

/// The element of a list of `count`, or the one that holds for all.
fn pick<T>(list: &[T], number: usize, count: usize) -> Option<&T> {
    match list {
        [one] => Some(one),
        list if list.len() == count => list.get(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::read;

    /// Host, port and database of each.
    fn places(url: &str) -> Vec<(String, u16, Option<String>)> {
        let place = |options: &sqlx::postgres::PgConnectOptions| {
            let database = options.get_database().map(str::to_owned);
            let socket = options.get_socket().map(|path| path.display().to_string());
            let host = socket.unwrap_or_else(|| options.get_host().to_owned());
            (host, options.get_port(), database)
        };
        read(url).unwrap().iter().map(place).collect()
    }

    fn place(host: &str, port: u16) -> (String, u16, Option<String>) {
        (host.to_owned(), port, Some("diel".to_owned()))
    }

    #[test]
    fn hosts_are_read_from_either_place() {
        let two = vec![place("a", 5433), place("b", 5432)];
        for url in [
            "postgres://u:p%40s@a:5433,b/diel",
            "postgresql://u@a:5433,b:5432/diel?target_session_attrs=read-write&sslmode=disable",
            "postgres://u@/diel?host=a,b&port=5433,5432",
            "postgres://u@/diel?port=5433%2C5432&host=a%2Cb&target_session_attrs=primary",
        ] {
            assert_eq!(places(url), two, "{url}");
        }
        let sockets = places("postgres://u@localhost/diel?host=/run/a,/run/b&port=5432");
        assert_eq!(sockets, [place("/run/a", 5432), place("/run/b", 5432)]);
        assert_eq!(places("postgres://u@a:5433/diel"), [place("a", 5433)]);
    }

    #[test]
    fn lists_of_different_lengths_and_sessions_that_do_not_write_are_refused() {
        for url in [
            "postgres://u@a,b,c/diel?port=1,2",
            "postgres://u@a,b/diel?host=a,b,c",
            "postgres://u@a,b/diel?target_session_attrs=read-only",
            "postgres://u@a,b/diel?target_session_attrs=any",
            "postgres:u@a",
        ] {
            assert!(read(url).is_err(), "{url}");
        }
    }
}
