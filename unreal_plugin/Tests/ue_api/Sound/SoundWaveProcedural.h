#pragma once

#include "CoreMinimal.h"

#define INDEFINITELY_LOOPING_DURATION 10000.0f

enum ESoundGroup { SOUNDGROUP_Voice };

/** USoundBase, USoundWave */
class USoundWave : public UObject
{
public:
	void SetSampleRate(uint32 Rate);
	float GetSampleRateForCurrentPlatform() const;
	int32 NumChannels;
	float Duration;
	uint8 bLooping : 1;
	ESoundGroup SoundGroup;
};

/** USoundWaveProcedural */
class USoundWaveProcedural : public USoundWave
{
public:
	virtual int32 OnGeneratePCMAudio(TArray<uint8>& OutAudio, int32 NumSamples);

protected:
	int32 NumSamplesToGeneratePerCallback;
};
