//! How the screen is divided, from its size and the model alone; `ui` draws by it and lists scroll by it.

use crate::app::model::Model;

/// Rows and columns of the parts of the screen, from the top.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    pub width: u16,
    pub height: u16,
    /// Panes, views, column heads.
    pub head: u16,
    pub list: u16,
    /// Zero when there is no room or it is switched off.
    pub preview: u16,
    /// Notice and keys.
    pub foot: u16,
}

/// The smallest terminal in which anything useful can be shown.
pub const SMALLEST: (u16, u16) = (60, 15);

/// How the screen is divided now.
pub fn of(model: &Model) -> Layout {
    let (width, height) = model.size;
    let (head, foot) = (3, 2);
    let body = height.saturating_sub(head + foot);
    let preview = if model.show_preview && body >= 14 { (body * 2 / 5).clamp(6, 16) } else { 0 };
    Layout { width, height, head, list: body - preview, preview, foot }
}

impl Layout {
    pub const fn list_height(&self) -> usize {
        self.list as usize
    }

    /// Too small to draw.
    pub const fn is_too_small(&self) -> bool {
        self.width < SMALLEST.0 || self.height < SMALLEST.1
    }

    /// Rows of an open ticket.
    pub const fn page(&self) -> usize {
        (self.height.saturating_sub(4)) as usize
    }
}
