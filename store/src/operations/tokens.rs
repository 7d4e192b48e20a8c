//! Tokens: looked up by their hash, listed without it.

use jiff::Timestamp;
use serde_json::json;
use sqlx::QueryBuilder;

use super::fields::{Fields, found};
use super::write::Write;
use super::{Conn, Db, Row, principals};
use crate::fault::Fault;
use crate::trail::{Note, OUTSIDE, Trail};
use crate::{Bearer, Call, NewToken, Page, PageRequest, StoreError, Token};

pub(super) const STATEMENTS: [&str; 6] = [BEARER, ONE, INSERT, ADMIN_AT_LARGE, REVOKE, NOTE_USE];

macro_rules! tokens {
    () => {
        "select t.token_id, t.principal, t.description, t.created_us, t.expires_us, t.revoked_us, t.used_us \
        from tokens t where "
    };
}

const BEARER: &str = concat!(tokens!(), "t.hash = $1");

const ONE: &str = concat!(tokens!(), "t.token_id = $1");

const MANY: &str = concat!(tokens!(), "(t.principal, t.token_id) > (");

const INSERT: &str = "insert into tokens (principal, token_id, hash, description, created_us, expires_us) \
    values ($1, $2, $3, $4, $5, $6) on conflict (token_id) do nothing";

const ADMIN_AT_LARGE: &str = "select t.token_id from grants g join tokens t on t.principal = g.principal \
    where g.study_no = 0 and g.role = 'admin' and t.revoked_us is null and t.expires_us > $1 limit 1";

const REVOKE: &str = "update tokens set revoked_us = $1 where token_id = $2 and revoked_us is null";

const NOTE_USE: &str =
    "update tokens set used_us = $1 where token_id = $2 and coalesce(used_us, 0) < $1";

/// The name of a token.
fn token_name(token: &Token) -> String {
    format!(
        "{}/tokens/{}",
        principals::principal_name(&token.principal),
        token.id
    )
}

fn token(row: &Row) -> Result<Token, Fault> {
    let fields = Fields(row);
    Ok(Token {
        id: fields.owned("token_id")?,
        principal: fields.owned("principal")?,
        description: fields.owned("description")?,
        created: fields.instant("created_us")?,
        expires: fields.instant("expires_us")?,
        revoked: fields.maybe_instant("revoked_us")?,
        used: fields.maybe_instant("used_us")?,
    })
}

/// Who bears the token of this hash, whether it is still good or not.
pub(crate) async fn bearer(conn: &mut Conn, hash: &[u8; 32]) -> Result<Option<Bearer>, Fault> {
    let row = sqlx::query(BEARER)
        .bind(hash.as_slice())
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let token = token(&row)?;
    let principal = principals::read(conn, &token.principal).await?;
    Ok(Some(Bearer { token, principal }))
}

/// The id of a token that is good for an admin of all studies.
pub(crate) async fn of_admin(conn: &mut Conn, now: Timestamp) -> Result<Option<String>, Fault> {
    let found = sqlx::query_scalar(ADMIN_AT_LARGE)
        .bind(now.as_microsecond())
        .fetch_optional(conn)
        .await?;
    Ok(found)
}

/// Tokens by principal and id, ended ones too.
pub(crate) async fn list(
    conn: &mut Conn,
    principal: Option<&str>,
    page: &PageRequest<(String, String)>,
) -> Result<Page<Token, (String, String)>, Fault> {
    let rows = select(principal, page).build().fetch_all(conn).await?;
    let tokens = rows.iter().map(token).collect::<Result<_, _>>()?;
    Ok(page.cut(tokens, |token| (token.principal.clone(), token.id.clone())))
}

pub(crate) fn select(
    principal: Option<&str>,
    page: &PageRequest<(String, String)>,
) -> QueryBuilder<Db> {
    let (after_principal, after_id) = page.after.clone().unwrap_or_default();
    let mut select = QueryBuilder::new(MANY);
    select.push_bind(after_principal);
    select.push(", ").push_bind(after_id).push(")");
    if let Some(principal) = principal {
        select
            .push(" and t.principal = ")
            .push_bind(principal.to_owned());
    }
    select
        .push(" order by t.principal, t.token_id limit ")
        .push_bind(page.probe());
    select
}

/// Keeps a token, and grants its principal what goes with it.
#[derive(Debug)]
pub(crate) struct CreateToken {
    pub(crate) new: NewToken,
    pub(crate) call: Call,
}

impl Write for CreateToken {
    type Answer = Bearer;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(
        &self,
        conn: &mut Conn,
        trail: &mut Trail,
        _attempt: u32,
    ) -> Result<Bearer, Fault> {
        let new = &self.new;
        let now = self.call.now.as_microsecond();
        if new.only_first
            && let Some(id) = of_admin(conn, self.call.now).await?
        {
            let resource = format!("the token {id} of an admin of all studies");
            return Err(StoreError::AlreadyExists { resource }.into());
        }
        principals::meet(conn, &new.principal, &self.call).await?;
        let inserted = sqlx::query(INSERT)
            .bind(&new.principal)
            .bind(&new.id)
            .bind(new.hash.as_slice())
            .bind(&new.description)
            .bind(now)
            .bind(new.expires.as_microsecond())
            .execute(&mut *conn)
            .await?;
        let token = Token {
            id: new.id.clone(),
            principal: new.principal.clone(),
            description: new.description.clone(),
            created: self.call.now,
            expires: new.expires,
            revoked: None,
            used: None,
        };
        let resource = token_name(&token);
        if inserted.rows_affected() == 0 {
            return Err(StoreError::AlreadyExists { resource }.into());
        }
        let note = Note {
            action: "create_token",
            resource,
            after: json!({"description": new.description, "expires": new.expires.to_string()}),
            ..Note::default()
        };
        trail.note(OUTSIDE, "", &self.call, note);
        for grant in &new.grants {
            principals::grant(conn, trail, &new.principal, grant, &self.call).await?;
        }
        let principal = principals::read(conn, &new.principal).await?;
        Ok(Bearer { token, principal })
    }
}

/// Ends a token. One that was revoked before stays as it is.
#[derive(Debug)]
pub(crate) struct RevokeToken {
    /// Whose it is, where the caller says so.
    pub(crate) principal: Option<String>,
    pub(crate) id: String,
    pub(crate) call: Call,
}

impl Write for RevokeToken {
    type Answer = Token;

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(&self, conn: &mut Conn, trail: &mut Trail, _attempt: u32) -> Result<Token, Fault> {
        let mut token = self.find(conn).await?;
        let revoked = sqlx::query(REVOKE)
            .bind(self.call.now.as_microsecond())
            .bind(&self.id)
            .execute(&mut *conn)
            .await?;
        if revoked.rows_affected() > 0 {
            token.revoked = Some(self.call.now);
            let note = Note {
                action: "revoke_token",
                resource: token_name(&token),
                ..Note::default()
            };
            trail.note(OUTSIDE, "", &self.call, note);
        }
        Ok(token)
    }
}

impl RevokeToken {
    async fn find(&self, conn: &mut Conn) -> Result<Token, Fault> {
        let row = sqlx::query(ONE).bind(&self.id).fetch_optional(conn).await?;
        let token = row.as_ref().map(token).transpose()?;
        let is_named = |token: &Token| {
            self.principal
                .as_ref()
                .is_none_or(|principal| *principal == token.principal)
        };
        found(token.filter(is_named), || {
            format!(
                "{}/tokens/{}",
                principals::principal_name(self.principal.as_deref().unwrap_or("-")),
                self.id
            )
        })
    }
}

/// Notes that a token was used. This leaves no line in the audit trail.
#[derive(Debug)]
pub(crate) struct NoteUse {
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    pub(crate) call: Call,
}

impl Write for NoteUse {
    type Answer = ();

    fn call(&self) -> &Call {
        &self.call
    }

    async fn run(&self, conn: &mut Conn, _trail: &mut Trail, _attempt: u32) -> Result<(), Fault> {
        sqlx::query(NOTE_USE)
            .bind(self.at.as_microsecond())
            .bind(&self.id)
            .execute(conn)
            .await?;
        Ok(())
    }
}
