#pragma once

#include "Components/AudioComponent.h"
#include "CoreMinimal.h"
#include "rigcast/Player.h"

#include "RigcastAudioComponent.generated.h"

/**
 * Plays a session's sound, and by that leads its face. Put it beside a URigcastSessionComponent, attached to the head for
 * sound in space. Game thread.
 */
UCLASS(ClassGroup = (Rigcast), meta = (BlueprintSpawnableComponent))
class RIGCAST_API URigcastAudioComponent : public UAudioComponent
{
	GENERATED_BODY()

public:
	/** Plays this session from now on. The player must have a rig. */
	void Follow(const TSharedRef<rigcast::Player>& Player);

	/** Buffers of the mixer between a pull and the device: while one sounds, so many are ready. */
	static constexpr int32 BUFFERS_AHEAD = 2;
};
