// SPDX-License-Identifier: Apache-2.0
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './Customer.module.css';

/** One thing at the side of the page. */
export function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.card} aria-label={title}>
      <Text fw={600} size="sm" mb={6}>
        {title}
      </Text>
      {children}
    </section>
  );
}
