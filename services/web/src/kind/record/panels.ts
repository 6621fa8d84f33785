// SPDX-License-Identifier: Apache-2.0
// The code of the panels of record pages.
import type { ComponentType } from 'react';
import type { PanelDefinition, PanelProps } from '@/app/area';
import { later } from '@/app/offline/later';
import { panels } from '@/app/registry';

type Load = PanelDefinition['load'];
type Panel = ComponentType<PanelProps>;

const fetched = new Map<Load, Panel>();
const chosen = new Map<Load, Panel>();

export const panelsOf = (plural: string): PanelDefinition[] =>
  panels.filter((panel) => !panel.kind || panel.kind === plural);

/** Always the same one for the same panel; where its code is there it is drawn at once. */
export function panelOf(load: Load): Panel {
  const panel = chosen.get(load) ?? fetched.get(load) ?? later(load);
  chosen.set(load, panel);
  return panel;
}

/** Fetches what the pages of a kind's records will want. */
export const fetchPanels = (plural: string): Promise<unknown> =>
  Promise.all(panelsOf(plural).map(async ({ load }) => fetched.set(load, (await load()).default)));
