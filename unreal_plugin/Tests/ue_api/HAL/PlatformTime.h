#pragma once

#include "CoreMinimal.h"

/** FPlatformTime */
struct FPlatformTime
{
	static double Seconds();
	static uint64 Cycles64();
};
