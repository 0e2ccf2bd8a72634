#pragma once

#include "CoreMinimal.h"

/** FParse */
struct FParse
{
	static bool Value(const TCHAR* Stream, const TCHAR* Match, FString& Out);
};
