#include "RigcastAudioComponent.h"

#include "RigcastSettings.h"
#include "RigcastSoundWave.h"

void URigcastAudioComponent::Follow(const TSharedRef<rigcast::Player>& Player)
{
	Stop();
	URigcastSoundWave* Wave = NewObject<URigcastSoundWave>(this);
	Wave->Begin(Player, static_cast<int32>(Player->audioRate()));
	const double DeviceSeconds = GetDefault<URigcastSettings>()->DeviceLatencyMs / 1e3;
	Player->setLatencyUs((BUFFERS_AHEAD * Wave->BlockSeconds() + DeviceSeconds) * 1e6);
	SetSound(Wave);
	Play();
}
