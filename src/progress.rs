//! Shows how far a run is: on standard error, only if that is a terminal, and only when the work takes noticeably long.
//! The threads that do the work pay two additions to a counter; drawing is another thread's.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Is told how a run gets on, from any thread.
pub trait Observer: Sync {
    /// So many more things are to be read.
    fn listed(&self, more: u64);
    /// One of them has been scanned.
    fn done(&self, bytes: u64);
}

/// Looks away.
pub struct Silent;

impl Observer for Silent {
    fn listed(&self, _: u64) {}
    fn done(&self, _: u64) {}
}

/// A bar on standard error where a person may be looking, else nothing. It goes away when it is dropped.
#[must_use]
pub fn on_terminal(wanted: bool) -> Box<dyn Observer> {
    if wanted && std::io::stderr().is_terminal() {
        Box::new(Bar::start(ProgressDrawTarget::stderr(), PATIENCE))
    } else {
        Box::new(Silent)
    }
}

/// Who waits no longer than this needs no bar.
const PATIENCE: Duration = Duration::from_millis(500);
const REDRAW: Duration = Duration::from_millis(80);

#[derive(Default)]
struct Counters {
    listed: AtomicU64,
    done: AtomicU64,
    bytes: AtomicU64,
    over: AtomicBool,
}

/// Counters that another thread draws.
struct Bar {
    counters: Arc<Counters>,
    /// Nothing where no thread could be had: a bar is not worth an error.
    painter: Option<JoinHandle<()>>,
}

impl Bar {
    fn start(target: ProgressDrawTarget, patience: Duration) -> Self {
        let counters = Arc::new(Counters::default());
        let watched = Arc::clone(&counters);
        let painter = thread::Builder::new().name("progress".to_owned());
        Self { counters, painter: painter.spawn(move || paint(&watched, target, patience)).ok() }
    }
}

impl Observer for Bar {
    fn listed(&self, more: u64) {
        self.counters.listed.fetch_add(more, Relaxed);
    }

    fn done(&self, bytes: u64) {
        self.counters.done.fetch_add(1, Relaxed);
        self.counters.bytes.fetch_add(bytes, Relaxed);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.counters.over.store(true, Relaxed);
        if let Some(painter) = self.painter.take() {
            painter.thread().unpark();
            // A panic while drawing has no bearing on the run.
            drop(painter.join());
        }
    }
}

fn paint(counters: &Counters, target: ProgressDrawTarget, patience: Duration) {
    if !wait(counters, patience) {
        return;
    }
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len}  {msg}");
    let bar = ProgressBar::with_draw_target(Some(0), target);
    if let Ok(style) = style {
        bar.set_style(style);
    }
    while wait(counters, REDRAW) {
        bar.set_length(counters.listed.load(Relaxed));
        bar.set_position(counters.done.load(Relaxed));
        bar.set_message(crate::report::bytes(counters.bytes.load(Relaxed)));
        bar.tick();
    }
    bar.finish_and_clear();
}

/// Waits this long and says whether the work is still going on.
fn wait(counters: &Counters, time: Duration) -> bool {
    let end = Instant::now() + time;
    while !counters.over.load(Relaxed) {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        thread::park_timeout(left);
    }
    false
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;

    use indicatif::TermLike;

    use super::*;

    /// A terminal that remembers what was written to it.
    #[derive(Clone, Debug, Default)]
    struct Screen(Arc<Mutex<String>>);

    impl Screen {
        fn push(&self, text: &str) {
            self.0.lock().unwrap().push_str(text);
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            80
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.push(text);
            Ok(())
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.push(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.push("<cleared>");
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    fn bar(screen: &Screen, patience: Duration) -> Bar {
        Bar::start(ProgressDrawTarget::term_like(Box::new(screen.clone())), patience)
    }

    #[test]
    fn short_work_draws_nothing_and_ends_at_once() {
        let screen = Screen::default();
        let start = Instant::now();
        let bar = bar(&screen, Duration::from_secs(60));
        bar.listed(10);
        drop(bar);
        assert!(start.elapsed() < Duration::from_secs(10));
        assert_eq!(*screen.0.lock().unwrap(), "");
    }

    #[test]
    fn long_work_shows_what_many_threads_counted_and_clears_it() {
        let screen = Screen::default();
        let bar = bar(&screen, Duration::ZERO);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    bar.listed(2);
                    bar.done(500);
                });
            }
        });
        let shown = || screen.0.lock().unwrap().clone();
        let end = Instant::now() + Duration::from_secs(20);
        while !shown().contains("4/8") && Instant::now() < end {
            thread::sleep(Duration::from_millis(5));
        }
        drop(bar);
        let shown = shown();
        assert!(shown.contains("4/8") && shown.contains("2.0 kB"), "{shown:?}");
        assert!(shown.ends_with("<cleared>"), "{shown:?}");
    }
}
