//! A column in pages: a page on which nothing stands takes no memory, and growing copies nothing.

/// Rows of one page.
const PAGE: usize = 256;

/// A value per row. Rows that were never set, or were set to the default, read as the default.
#[derive(Debug, Clone)]
pub(super) struct Paged<T> {
    pages: Vec<Option<Box<[T; PAGE]>>>,
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

impl<T: Copy + Default + PartialEq> Paged<T> {
    pub fn get(&self, row: usize) -> T {
        match self.pages.get(row / PAGE) {
            Some(Some(page)) => page[row % PAGE],
            _ => T::default(),
        }
    }

    pub fn set(&mut self, row: usize, value: T) {
        let at = row / PAGE;
        if at >= self.pages.len() {
            if value == T::default() {
                return;
            }
            self.pages.resize(at + 1, None);
        }
        match &mut self.pages[at] {
            Some(page) => page[row % PAGE] = value,
            None if value == T::default() => {}
            empty => empty.insert(Box::new([T::default(); PAGE]))[row % PAGE] = value,
        }
    }

    pub fn bytes(&self) -> usize {
        self.pages.capacity() * 8 + self.pages.iter().flatten().count() * PAGE * size_of::<T>()
    }
}
