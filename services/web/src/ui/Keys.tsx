// SPDX-License-Identifier: Apache-2.0
import { Group, Kbd } from '@mantine/core';
import { shownKeys } from '@/app/keys';

/** "mod+k" as keys to see. */
export function Keys({ keys }: { keys: string }) {
  return (
    <Group gap={4} wrap="nowrap" component="span">
      {shownKeys(keys).map((stroke, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same key may be pressed twice
        <Kbd key={index}>{stroke.join(' ')}</Kbd>
      ))}
    </Group>
  );
}
