// SPDX-License-Identifier: Apache-2.0
import { useComputedColorScheme } from '@mantine/core';
import { prefer } from '../preferences';
import { useActions } from '../useActions';
import { useFavouriteHere } from './favourites';
import { close, show, useOpen } from './state';

/** What the shell itself does, for keys and palette. */
export function useShellActions() {
  const scheme = useComputedColorScheme();
  const open = useOpen();
  const here = useFavouriteHere();
  useActions({
    'app.palette': () => (open === 'palette' ? close() : show('palette')),
    'app.keys': () => show('keys'),
    'app.notices': () => show('notices'),
    'app.arrange': () => show('arrange'),
    'app.scheme': () => prefer({ scheme: scheme === 'dark' ? 'light' : 'dark' }),
    'app.favourite': here.toggle,
  });
}
