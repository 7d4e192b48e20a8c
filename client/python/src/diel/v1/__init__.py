"""The messages of the protocol ``diel.v1``, as they are described in ``proto/diel/v1``.

Examples
--------
>>> from diel import v1
>>> v1.GetStudyRequest(name="studies/demo").name
'studies/demo'
"""

from diel.v1.access_pb2 import *
from diel.v1.assays_pb2 import *
from diel.v1.audits_pb2 import *
from diel.v1.cohorts_pb2 import *
from diel.v1.controls_pb2 import *
from diel.v1.designs_pb2 import *
from diel.v1.errors_pb2 import *
from diel.v1.measurements_pb2 import *
from diel.v1.quality_pb2 import *
from diel.v1.reviews_pb2 import *
from diel.v1.rhythms_pb2 import *
from diel.v1.specimens_pb2 import *
from diel.v1.studies_pb2 import *
from diel.v1.submissions_pb2 import *
