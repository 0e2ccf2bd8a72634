#pragma once

// UE_VERSION_OLDER_THAN; the tests set the version that is pretended.
#define UE_VERSION_OLDER_THAN(Major, Minor, Patch) \
	(RIGCAST_PRETENDED_MAJOR < (Major) || (RIGCAST_PRETENDED_MAJOR == (Major) && RIGCAST_PRETENDED_MINOR < (Minor)))
