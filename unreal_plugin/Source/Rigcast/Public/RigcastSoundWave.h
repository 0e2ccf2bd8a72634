#pragma once

#include "CoreMinimal.h"
#include "Sound/SoundWaveProcedural.h"
#include "rigcast/Player.h"

#include "RigcastSoundWave.generated.h"

/** The sound of a session: the audio mixer pulls, which moves the play-head on. */
UCLASS()
class RIGCAST_API URigcastSoundWave : public USoundWaveProcedural
{
	GENERATED_BODY()

public:
	/** Game thread, before it is played. @param Rate samples a second. */
	void Begin(const TSharedRef<rigcast::Player>& InPlayer, int32 Rate);

	/** How much the mixer asks for at a time, seconds. */
	double BlockSeconds() const;

	// USoundWaveProcedural; called by the mixer's threads, one at a time.
	virtual int32 OnGeneratePCMAudio(TArray<uint8>& OutAudio, int32 NumSamples) override;

private:
	TSharedPtr<rigcast::Player> Player;
	TArray<float> Pulled;
};
