// SPDX-License-Identifier: Apache-2.0
// From keys to actions. Pure: whoever listens gives what was pressed and the time.

export interface Pressed {
  key: string;
  mod: boolean;
  alt: boolean;
  shift: boolean;
  /** Within a field that takes text. */
  typing: boolean;
}

/** "mod+shift+k": what a definition and a press are both written as. Shift counts only where the key has no other sign with it. */
export function strokeOf(pressed: Omit<Pressed, 'typing'>): string {
  const key = pressed.key === ' ' ? 'space' : pressed.key.toLowerCase();
  const letter = /^[a-z0-9]$|^.{2,}$/.test(key);
  return [pressed.mod && 'mod', pressed.alt && 'alt', pressed.shift && letter && 'shift', key]
    .filter(Boolean)
    .join('+');
}

/** A sequence such as "g d" must be done within this time. */
const SEQUENCE_MS = 1200;

export class KeyReader<T> {
  private begun: string[] = [];
  private at = 0;

  /** `bindings`: sequences of strokes and what they stand for; the last one said wins. */
  read(bindings: { keys: string; what: T }[], pressed: Pressed, now: number): T | undefined {
    if (['Shift', 'Control', 'Alt', 'Meta'].includes(pressed.key)) return undefined;
    if (pressed.typing && !pressed.mod) {
      this.begun = [];
      return undefined;
    }
    if (now - this.at > SEQUENCE_MS) this.begun = [];
    this.at = now;
    const stroke = strokeOf(pressed);
    for (const strokes of [[...this.begun, stroke], [stroke]]) {
      const text = strokes.join(' ');
      const whole = bindings.findLast((one) => one.keys === text);
      if (whole) {
        this.begun = [];
        return whole.what;
      }
      if (bindings.some((one) => one.keys.startsWith(`${text} `))) {
        this.begun = strokes;
        return undefined;
      }
    }
    this.begun = [];
    return undefined;
  }
}

const isMac = () => typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

const signs: Record<string, string> = {
  arrowup: '↑',
  arrowdown: '↓',
  arrowleft: '←',
  arrowright: '→',
  enter: '↵',
  escape: 'Esc',
  backspace: '⌫',
  space: '␣',
  pagedown: 'PgDn',
  pageup: 'PgUp',
  home: 'Home',
  end: 'End',
};

/** "mod+k" as ["Ctrl", "K"]; sequences as one list behind the other. */
export const shownKeys = (keys: string): string[][] =>
  keys.split(' ').map((stroke) =>
    stroke.split('+').map((part) => {
      if (part === 'mod') return isMac() ? '⌘' : 'Ctrl';
      if (part === 'alt') return isMac() ? '⌥' : 'Alt';
      if (part === 'shift') return '⇧';
      return signs[part] ?? part.toUpperCase();
    }),
  );
