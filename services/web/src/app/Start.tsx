// SPDX-License-Identifier: Apache-2.0
import { useQuery } from '@tanstack/react-query';
import { Navigate } from '@tanstack/react-router';
import { statusQuery } from '@/api/kinds';
import { usePreferences } from './preferences';
import { startPage } from './registry';
import { useWorkspace } from './workspace';

/** "/" is where the person wants to begin, or the start page of the department that they work in. */
export function Start() {
  const { workspace } = useWorkspace();
  const { startPage: own, workspace: chosen } = usePreferences();
  // Whose node this is its status says.
  const { isPending } = useQuery(statusQuery);
  if (!own && !chosen && isPending) return null;
  return <Navigate to={own || startPage(workspace)} replace />;
}
