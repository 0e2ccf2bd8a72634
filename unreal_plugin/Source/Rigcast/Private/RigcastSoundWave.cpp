#include "RigcastSoundWave.h"

#include "RigcastConnection.h"

void URigcastSoundWave::Begin(const TSharedRef<rigcast::Player>& InPlayer, int32 Rate)
{
	Player = InPlayer;
	SetSampleRate(Rate);
	NumChannels = 1;
	Duration = INDEFINITELY_LOOPING_DURATION;
	bLooping = false;
	SoundGroup = SOUNDGROUP_Voice;
}

double URigcastSoundWave::BlockSeconds() const
{
	return static_cast<double>(NumSamplesToGeneratePerCallback) / GetSampleRateForCurrentPlatform();
}

int32 URigcastSoundWave::OnGeneratePCMAudio(TArray<uint8>& OutAudio, int32 NumSamples)
{
	Pulled.SetNumUninitialized(NumSamples);
	Player->pull(Pulled.GetData(), static_cast<std::size_t>(NumSamples), FRigcastConnection::LocalUs());
	OutAudio.SetNumUninitialized(NumSamples * static_cast<int32>(sizeof(int16)));
	int16* Samples = reinterpret_cast<int16*>(OutAudio.GetData());
	for (int32 Index = 0; Index < NumSamples; ++Index)
	{
		Samples[Index] = static_cast<int16>(FMath::Clamp(FMath::RoundToInt32(Pulled[Index]), -32768, 32767));
	}
	return NumSamples;
}
