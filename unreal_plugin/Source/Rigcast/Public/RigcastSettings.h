#pragma once

#include "CoreMinimal.h"
#include "Engine/DeveloperSettings.h"
#include "RigcastAddress.h"

#include "RigcastSettings.generated.h"

/** Project Settings, Plugins, Rigcast: what new sources and components begin with. */
UCLASS(Config = Game, DefaultConfig, meta = (DisplayName = "Rigcast"))
class RIGCAST_API URigcastSettings : public UDeveloperSettings
{
	GENERATED_BODY()

public:
	UPROPERTY(Config, EditAnywhere, Category = "Rigcast")
	FRigcastAddress Address;

	/** From sound's being handed to the engine until it is heard, beyond the buffers that the plugin knows, milliseconds.
	 *  Raise it where lips are early, lower it where they are late. */
	UPROPERTY(Config, EditAnywhere, Category = "Rigcast", meta = (ClampMin = "0", ClampMax = "500", Units = "ms"))
	float DeviceLatencyMs = 20.0f;
};
