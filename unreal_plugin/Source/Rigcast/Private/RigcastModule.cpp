#include "Misc/EngineVersionComparison.h"
#include "Modules/ModuleManager.h"

#if UE_VERSION_OLDER_THAN(5, 3, 0)
#error Rigcast needs Unreal Engine 5.3 or newer.
#endif

IMPLEMENT_MODULE(FDefaultModuleImpl, Rigcast)
