// SPDX-License-Identifier: Apache-2.0
// What a folder of src/pages says of itself in its `page.ts`: pages, entries of the sidebar, actions with
// their keys, panels. Nobody edits a common list: registry.ts finds them all.
import type { Icon } from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { Kind } from '@/api/kinds';
import type { Row } from '@/api/records';
import type { Session } from '@/api/session';

export type Department = 'sales' | 'marketing' | 'service' | 'analytics';
export const departments: Department[] = ['sales', 'marketing', 'service', 'analytics'];

/** Where the sidebar shows an entry: in workspaces of these departments, in all, or below "Administration". */
export type Place = Department | 'all' | 'administration';

export interface PageDefinition {
  /** As the router has it: '/customers/$id'. A page here goes before the one drawn from the schema. */
  path: string;
  load: () => Promise<{ default: ComponentType }>;
  /** The tab's title, until the page says a better one (usePageTitle). */
  title: () => string;
  /** Whether this person has any use for it; default: everybody. */
  when?: (session: Session) => boolean;
  /** The start page of a department. */
  startOf?: Department[];
}

/** An entry of the sidebar: to a page of one's own or to a list drawn from the schema. */
export interface NavDefinition {
  path: string;
  label: () => string;
  icon: Icon;
  places: Place[];
  /** Among the others; tens, so that something fits between. */
  order: number;
  /** Singular name of the kind that it shows: who may not read it does not see the entry. */
  kind?: string;
  when?: (session: Session) => boolean;
}

export interface ActionDefinition {
  /** "record.archive"; who can do it at the moment binds it with useActions. */
  id: string;
  label: () => string;
  icon?: Icon;
  /** "c", "mod+k", "g then d" as "g d". Never fire while somebody types, but for those with mod. */
  keys?: string | string[];
  /** Heading in the palette and on the page of keys. */
  group: () => string;
  /** What it does when no mounted component binds it. Without, it is shown only while bound. */
  run?: (tools: ActionTools) => void;
  when?: (session: Session) => boolean;
  /** Plural: stands in the menu of such a record's page, too, while it is bound. */
  menu?: string;
  /** Left out of the palette: moving in a list and the like. */
  hidden?: boolean;
}

export interface ActionTools {
  go: (path: string) => void;
}

/** Something on the record page of a kind that has no page of its own. */
export interface PanelDefinition {
  /** Plural; absent: of every kind. */
  kind?: string;
  title: () => string;
  /** Above the columns, below the fields, a tab in the middle, or a card at the side. */
  place: 'head' | 'left' | 'tab' | 'side';
  order: number;
  /** Whether it can show the page as of a past moment (usePast); else it is left out there. */
  past?: boolean;
  /**
   * Plurals of kinds whose records it shows, names of fields, and of commands that it offers ("deal.win"): the page
   * does not show them once more.
   */
  covers?: { kinds?: string[]; fields?: string[]; commands?: string[] };
  load: () => Promise<{ default: ComponentType<PanelProps> }>;
}
export interface PanelProps {
  kind: Kind;
  row: Row;
}

export interface Area {
  panels?: PanelDefinition[];
  pages?: PageDefinition[];
  nav?: NavDefinition[];
  actions?: ActionDefinition[];
}

/** Types what a page.ts says. */
export const defineArea = (area: Area): Area => area;
