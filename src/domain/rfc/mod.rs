//! Changes ("requests for change"): how risky one is, who approves it, when it may be made, what stands in its way, and
//! how well a team's changes went. The steps themselves are rows of `lifecycle`; what a desk has agreed on for its
//! changes is its [`Practice`].
//!
//! All of it is arithmetic over plain data; times come as arguments, and every interval is half-open `[start, end)`.

pub mod approve;
pub mod conflict;
pub mod gates;
pub mod near;
pub mod planned;
pub mod practice;
pub mod risk;
pub mod score;
pub mod slots;
pub mod span;
pub mod template;
pub mod window;

pub use conflict::{Board, Conflict, ConflictKind, With};
pub use planned::Planned;
pub use practice::Practice;
pub use risk::Risk;
pub use span::Span;
pub use window::Window;
