// SPDX-License-Identifier: Apache-2.0
// A table in a box that scrolls by itself.
import { Table } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './Admin.module.css';

interface ScrollTableProps {
  label: string;
  /** Heads of the columns, in the person's language. */
  columns: readonly string[];
  spacing?: number;
  /** Rows. */
  children: ReactNode;
}

export function ScrollTable({ label, columns, spacing = 8, children }: ScrollTableProps) {
  return (
    <section className={classes.scroll} tabIndex={0} aria-label={label}>
      <Table verticalSpacing={spacing}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column}>{column}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </section>
  );
}
