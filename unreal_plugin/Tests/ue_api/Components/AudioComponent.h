#pragma once

#include "Components/ActorComponent.h"

class USoundWave;

/** UAudioComponent */
class UAudioComponent : public UActorComponent
{
public:
	void SetSound(USoundWave* Sound);
	virtual void Play(float StartTime = 0.0f);
	virtual void Stop();
};
