// SPDX-License-Identifier: Apache-2.0
// Badges, faces and boxes to tick as the kit draws them, for where hundreds are on the screen and change with each
// turn of the wheel: each is one element, not a tree of components.
import { type ChangeEventHandler, memo, type ReactNode } from 'react';
import classes from './light.module.css';

export function Tag({ color, children }: { color: string; children: ReactNode }) {
  return (
    <span data-tag className={classes.tag} style={tinted(color)}>
      {children}
    </span>
  );
}

/** A tint and what can be read on it (app/theme.ts). */
const tinted = (color: string) => ({
  backgroundColor: `var(--mantine-color-${color}-light)`,
  color: `var(--mantine-color-${color}-light-color)`,
});

/** "Ada Lovelace" is AL, "Ada" is AD. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s,.;_-]+/).filter(Boolean);
  const [first = '', second] = words;
  const letters = second ? [...first].slice(0, 1).concat([...second].slice(0, 1)) : [...first].slice(0, 2);
  return letters.join('').toUpperCase();
}

const faceColors = [
  'blue',
  'cyan',
  'grape',
  'green',
  'indigo',
  'lime',
  'orange',
  'pink',
  'red',
  'teal',
  'violet',
];

/** The same for the same name, wherever it stands. */
export function faceColorOf(name: string): string {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return faceColors[sum % faceColors.length] ?? 'blue';
}

interface FaceProps {
  name: string;
  /** Pixels. */
  size: number;
  /** Default: that of the name. */
  color?: string;
  isSquare?: boolean;
  /** In place of the initials. */
  children?: ReactNode;
}

/** Who somebody is at a glance. The name itself stands beside it, so it is nothing for those who listen. */
export const Face = memo(function Face({ name, size, color, isSquare = false, children }: FaceProps) {
  return (
    <span
      aria-hidden
      className={classes.face}
      data-square={isSquare || undefined}
      style={{ ...tinted(color ?? faceColorOf(name)), width: size, height: size, fontSize: size / 2.5 }}
    >
      {children ?? initialsOf(name)}
    </span>
  );
});

interface TickProps {
  label: string;
  isTicked: boolean;
  onChange: ChangeEventHandler<HTMLInputElement>;
}

export function Tick({ label, isTicked, onChange }: TickProps) {
  return (
    <input
      type="checkbox"
      tabIndex={-1}
      className={classes.tick}
      aria-label={label}
      checked={isTicked}
      onChange={onChange}
    />
  );
}
