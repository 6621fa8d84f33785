// SPDX-License-Identifier: Apache-2.0
// All that areas say, found by their files at build time. Only these small files are in the first
// load; the components that they `load` come when they are wanted.
import type { ActionDefinition, Area, NavDefinition, PageDefinition, PanelDefinition } from './area';

const found = import.meta.glob<{ default: Area }>(
  ['../pages/*/page.ts', '../pages/*/page.tsx', './actions.ts'],
  {
    eager: true,
  },
);
const areas: Area[] = Object.values(found).map((file) => file.default);
export const pages: PageDefinition[] = areas.flatMap((area) => area.pages ?? []);
export const navigation: NavDefinition[] = areas
  .flatMap((area) => area.nav ?? [])
  .sort((a, b) => a.order - b.order);
export const panels: PanelDefinition[] = areas
  .flatMap((area) => area.panels ?? [])
  .sort((a, b) => a.order - b.order);
export const actions: ActionDefinition[] = areas.flatMap((area) => area.actions ?? []);

const twice = (all: string[]) => all.filter((one, index) => all.indexOf(one) !== index);
for (const same of [...twice(pages.map((page) => page.path)), ...twice(actions.map((action) => action.id))])
  throw new Error(`registered twice: ${same}`);

export const startPage = (department: string): string =>
  pages.find((page) => page.startOf?.some((one) => one === department))?.path ?? '/customers';
