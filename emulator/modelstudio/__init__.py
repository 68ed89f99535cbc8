"""The control plane of Model Studio, API version 2026-02-10, one region per port."""

from emulator.modelstudio import api_keys, models, workspaces

OPERATIONS = (*workspaces.OPERATIONS, *api_keys.OPERATIONS, *models.OPERATIONS)
