//! An account of what a lesson does, for whoever listens: the tests hold it against what is approved.

use std::cell::Cell;

thread_local! {
    static LISTENER: Cell<Option<Listener>> = const { Cell::new(None) };
    static ASIDES: Cell<usize> = const { Cell::new(0) };
    static UNTOLD: Cell<bool> = const { Cell::new(false) };
}

/// Is told what is done, and with which bytes of memory.
///
/// It is called in child processes, too: there it may do what a child may do, and no more.
pub type Listener = fn(what: &'static str, address: usize, length: usize);

/// Has what this thread does told to `listener`.
pub fn listen(listener: Option<Listener>) {
    LISTENER.set(listener);
}

/// Tells the listener, if there is one.
pub fn tell(what: &'static str, address: usize, length: usize) {
    if !is_untold() {
        if let Some(listener) = LISTENER.get() {
            listener(what, address, length);
        }
    }
}

/// Does `act`, of which nobody is told: it waits, which takes as many calls as it takes, or it is counted, and telling
/// would be counted with it.
pub fn untold<T>(act: impl FnOnce() -> T) -> T {
    struct End(bool);
    impl Drop for End {
        fn drop(&mut self) {
            UNTOLD.set(self.0);
        }
    }
    let _end = End(UNTOLD.replace(true));
    act()
}

/// Whether nobody is to be told of what this thread does.
pub fn is_untold() -> bool {
    UNTOLD.get()
}

/// As long as it lives, what this thread does is the lab's own: it makes a sample, or looks for evidence in a way that
/// differs from one file system to the next.
pub struct Aside(());

impl Aside {
    /// Begins here.
    pub fn begin() -> Aside {
        ASIDES.set(ASIDES.get() + 1);
        Aside(())
    }

    /// Calls an attempt of a lesson, which is not the lab's own, in the midst of what is.
    pub fn suspended<T>(&self, attempt: impl FnOnce() -> T) -> T {
        struct Again;
        impl Drop for Again {
            fn drop(&mut self) {
                ASIDES.set(ASIDES.get() + 1);
            }
        }
        ASIDES.set(ASIDES.get() - 1);
        let _again = Again;
        attempt()
    }

    /// Whether one lives in this thread.
    pub fn is_begun() -> bool {
        ASIDES.get() > 0
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        ASIDES.set(ASIDES.get() - 1);
    }
}
