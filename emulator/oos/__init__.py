"""Plain and secret parameters of OOS (the parameter store), API version 2019-06-01, one region per port.

Typed from the vendor's SDK `alibabacloud_oos20190601` 3.7.0, whose comments are the API reference. The KMS secret that
the live service keeps behind a secret parameter is not modelled.
"""

from emulator.oos import lists, parameters, tags

OPERATIONS = (*parameters.OPERATIONS, *lists.OPERATIONS, *tags.OPERATIONS)
