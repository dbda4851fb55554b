//! How long a run takes from the shell. The bounds hold for an
//! unoptimised build as well.

use std::time::{Duration, Instant};

use support::Fixture;

#[test]
fn a_run_takes_its_compiled_code_from_the_cache() {
    let cache = tempfile::tempdir().unwrap();
    let directory = cache.path().join("o365");
    let run = || {
        let fixture = Fixture::named("get-available-license-count", "some-seats");
        let begun = Instant::now();
        let ended = fixture.replayed().env("O365_CACHE_DIR", &directory).run();
        let took = begun.elapsed();
        assert_eq!(ended.result(), 14);
        took
    };
    let first = run();
    let later = (0..10).map(|_| run()).min().unwrap();
    assert!(first < Duration::from_secs(2), "the first run took {first:?}");
    assert!(later < Duration::from_millis(60), "later runs took {later:?} at best");
}

#[test]
fn damaged_code_is_not_run_but_made_again() {
    let cache = tempfile::tempdir().unwrap();
    let directory = cache.path().join("o365");
    let fixture = Fixture::named("get-available-license-count", "some-seats");
    let run = || fixture.replayed().env("O365_CACHE_DIR", &directory).run();
    run().result();
    let files: Vec<_> =
        std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    let whole = std::fs::read(&files[0]).unwrap();
    for damaged in [&whole[..whole.len() / 2], &[], &vec![7; whole.len()]] {
        std::fs::write(&files[0], damaged).unwrap();
        let ended = run();
        assert_eq!((ended.result(), ended.stderr.as_str()), (14.into(), ""));
        assert_eq!(std::fs::read(&files[0]).unwrap(), whole);
    }
}

#[cfg(unix)]
#[test]
fn compiled_code_is_kept_where_nobody_else_can_write() {
    use std::os::unix::fs::PermissionsExt;

    let cache = tempfile::tempdir().unwrap();
    let directory = cache.path().join("o365");
    let fixture = Fixture::named("get-available-license-count", "some-seats");
    let run = || fixture.replayed().env("O365_CACHE_DIR", &directory).run();
    run().result();
    let mode = std::fs::metadata(&directory).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);

    std::fs::set_permissions(&directory, PermissionsExt::from_mode(0o777)).unwrap();
    let ended = run();
    assert_eq!(ended.result(), 14, "the run works without the cache");
    assert!(ended.stderr.contains("others have access to"), "{}", ended.stderr);
}
