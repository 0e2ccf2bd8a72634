#pragma once

#include "CoreMinimal.h"

/** AActor */
class AActor : public UObject
{
public:
	template <typename T> T* FindComponentByClass() const;
};
