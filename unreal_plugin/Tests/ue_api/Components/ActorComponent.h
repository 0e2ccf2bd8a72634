#pragma once

#include "GameFramework/Actor.h"

/** EEndPlayReason */
namespace EEndPlayReason
{
	enum Type { Destroyed };
}

/** UActorComponent */
class UActorComponent : public UObject
{
public:
	AActor* GetOwner() const;
	virtual void OnComponentDestroyed(bool bDestroyingHierarchy);

protected:
	virtual void BeginPlay();
	virtual void EndPlay(const EEndPlayReason::Type Reason);
};
