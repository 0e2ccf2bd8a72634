#pragma once

#include "CoreMinimal.h"

/** ULiveLinkBasicRole */
class ULiveLinkBasicRole : public UObject
{
	GENERATED_BODY()
};
