#pragma once

#include "CoreMinimal.h"

/** UDeveloperSettings */
class UDeveloperSettings : public UObject
{
};
