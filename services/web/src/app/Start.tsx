// SPDX-License-Identifier: Apache-2.0
import { Navigate } from '@tanstack/react-router';
import { startPage } from './registry';
import { useWorkspace } from './workspace';

/** "/" is the start page of the department that one works in. */
export function Start() {
  const { workspace } = useWorkspace();
  return <Navigate to={startPage(workspace)} replace />;
}
