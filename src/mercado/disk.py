"""What the operating system says when there is no room for a file."""

import errno
from typing import Final

# The disk, this user's quota, or the size that a file may have.
NO_SPACE: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
