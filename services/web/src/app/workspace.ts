// SPDX-License-Identifier: Apache-2.0
// Departments as workspaces. The node's own is first and the one that a new person begins in; the
// others show the same customers as their people see them.
import { useStatus } from '@/api/kinds';
import { type Department, departments } from './area';
import { prefer, usePreferences } from './preferences';

export function useWorkspace(): {
  workspace: Department;
  own: Department;
  all: Department[];
  choose: (department: Department) => void;
} {
  const status = useStatus();
  const { workspace } = usePreferences();
  const own = departments.find((one) => one === status?.department) ?? 'sales';
  return {
    own,
    workspace: departments.find((one) => one === workspace) ?? own,
    all: [own, ...departments.filter((one) => one !== own)],
    choose: (department) => prefer({ workspace: department }),
  };
}
