/** Text from elsewhere for a terminal: whatever could move the cursor, ring, recolour or turn the direction of text is shown as an escape. */
export function visible(text: string): string {
  return text.replace(CONTROL, control => `\\u{${(control.codePointAt(0) ?? 0).toString(16)}}`)
}

/** C0 without the tab, DEL, C1, line separators, and what turns the direction of text around. */
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g
