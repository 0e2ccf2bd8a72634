#pragma once

#include "CoreMinimal.h"

/** ULiveLinkAnimationRole */
class ULiveLinkAnimationRole : public UObject
{
	GENERATED_BODY()
};
