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
    /// Lines of the preview under the list. Zero when there is no room, it is switched off or stands beside.
    pub preview: u16,
    /// Columns of the preview beside the list, on a wide screen.
    pub side: u16,
    /// Notice and keys.
    pub foot: u16,
}

/// The smallest terminal in which anything useful can be shown.
pub const SMALLEST: (u16, u16) = (60, 15);

/// From here on the preview stands beside the list, which keeps at least so many columns.
const WIDE: u16 = 170;
const LIST: u16 = 104;

/// How the screen is divided now.
pub fn of(model: &Model) -> Layout {
    let (width, height) = model.size;
    let (head, foot) = (3, 2);
    let body = height.saturating_sub(head + foot);
    let side = if model.show_preview && width >= WIDE { (width - LIST).min(96) } else { 0 };
    let preview = if model.show_preview && side == 0 && body >= 14 { (body * 2 / 5).clamp(6, 16) } else { 0 };
    Layout { width, height, head, list: body - preview, preview, side, foot }
}

impl Layout {
    pub const fn list_height(&self) -> usize {
        self.list as usize
    }

    pub const fn has_preview(&self) -> bool {
        self.preview > 0 || self.side > 0
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
