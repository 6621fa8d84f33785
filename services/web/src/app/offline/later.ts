// SPDX-License-Identifier: Apache-2.0
import { type ComponentType, type LazyExoticComponent, lazy } from 'react';
import { patient } from './patient';

/** A component whose code comes when it is wanted, or as soon as a node answers then. */
// biome-ignore lint/suspicious/noExplicitAny: as lazy has it, whatever a component takes
export const later = <T extends ComponentType<any>>(
  load: () => Promise<{ default: T }>,
): LazyExoticComponent<T> => lazy(patient(load));
