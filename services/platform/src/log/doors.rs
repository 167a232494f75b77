//! The log as everybody reads it: C2SP tlog-tiles over HTTP.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use jushin_log::{TILE_WIDTH, Tile, Tiles as _};

use super::files::{StoredTiles, entries_of};
use crate::platform::{Platform, blocking};
use crate::refusal::Refusal;

type Answer = Result<Response, Refusal>;

/// The newest checkpoint. It changes with every seal, so nobody may keep it.
pub(crate) async fn checkpoint(State(platform): State<Platform>) -> Answer {
    let note = blocking(move || platform.published()).await?.ok_or(Refusal::Unknown("checkpoint"))?;
    let head = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    Ok((head, note).into_response())
}

/// A tile of hashes or a bundle of entries. It never changes.
pub(crate) async fn tile(State(platform): State<Platform>, Path(path): Path<String>) -> Answer {
    let (kind, tile) = parse(&path).ok_or(Refusal::Unknown("tile"))?;
    let read = blocking(move || {
        let files = &*platform.inner().ports.log.files;
        Ok(match kind {
            Kind::Hashes => StoredTiles(files).tile(tile),
            Kind::Entries => entries_of(files, tile),
        })
    });
    let bytes = read.await?.ok_or(Refusal::Unknown("tile"))?;
    let head = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((head, bytes).into_response())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Hashes,
    Entries,
}

/// What stands behind `/log/tile/`. Only the one spelling of a path is taken.
fn parse(path: &str) -> Option<(Kind, Tile)> {
    let (level, place) = path.split_once('/')?;
    let (place, width) = match place.split_once(".p/") {
        Some((place, width)) => (place, width.parse().ok().filter(|width| u64::from(*width) < TILE_WIDTH)?),
        None => (place, 256),
    };
    let groups = place.split('/').map(|group| group.strip_prefix('x').unwrap_or(group).parse::<u16>().ok());
    let index = groups.into_iter().try_fold(0_u64, |index, group| {
        let group = group.filter(|group| *group < 1_000)?;
        index.checked_mul(1_000)?.checked_add(u64::from(group))
    })?;
    let (kind, level) = match level {
        "entries" => (Kind::Entries, 0),
        level => (Kind::Hashes, level.parse().ok().filter(|level| *level < 64)?),
    };
    let tile = Tile { level, index, width };
    let spelled = match kind {
        Kind::Hashes => tile.path(),
        Kind::Entries => tile.entries_path(),
    };
    (width > 0 && spelled.strip_prefix("tile/")? == path).then_some((kind, tile))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_one_spelling_and_leads_nowhere_else() {
        let tile = |level, index, width| Some((Kind::Hashes, Tile { level, index, width }));
        assert_eq!(parse("0/x001/x234/067"), tile(0, 1_234_067, 256));
        assert_eq!(parse("2/000.p/255"), tile(2, 0, 255));
        let entries = Some((Kind::Entries, Tile { level: 0, index: 5, width: 256 }));
        assert_eq!(parse("entries/005"), entries);
        for other in [
            "0/5",
            "0/x000/005",
            "00/005",
            "0/005.p/0",
            "0/005.p/256",
            "0/005.p/07",
            "64/000",
            "0/../005",
            "0/x001",
            "entries/../../checkpoint",
            "",
            "0",
            "0/+05",
            "data/000",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
