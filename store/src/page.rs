//! Pages of lists, by key: a page costs by its size, wherever in the list it lies.

/// Asks for a page.
#[derive(Debug, Clone, PartialEq)]
pub struct PageRequest<K> {
    /// The key of the last row of the page before; `None` for the first page.
    pub after: Option<K>,
    /// The most rows to return; 0 counts as 1.
    pub limit: u32,
}

/// A page.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T, K> {
    /// The rows, in order.
    pub items: Vec<T>,
    /// The key to go on from; `None` on the last page.
    pub next: Option<K>,
}

impl<K> PageRequest<K> {
    /// Rows to read: one more than asked for tells whether there is another page.
    pub(crate) fn probe(&self) -> i64 {
        i64::from(self.limit.max(1)) + 1
    }

    /// Cuts what was read to the page and notes where the next begins.
    pub(crate) fn cut<T>(&self, mut items: Vec<T>, key: impl Fn(&T) -> K) -> Page<T, K> {
        let limit = usize::try_from(self.limit.max(1)).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(key) } else { None };
        Page { items, next }
    }
}

#[cfg(test)]
mod tests {
    use super::PageRequest;

    #[test]
    fn the_last_page_has_no_next() {
        let page = PageRequest {
            after: None,
            limit: 2,
        };
        assert_eq!(page.probe(), 3);
        assert_eq!(page.cut(vec![1, 2, 3], |row| *row).next, Some(2));
        assert_eq!(page.cut(vec![1, 2], |row| *row).next, None);
        assert_eq!(page.cut(Vec::<i32>::new(), |row| *row).next, None);
    }
}
