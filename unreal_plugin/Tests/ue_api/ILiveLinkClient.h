#pragma once

#include "LiveLinkTypes.h"

class ILiveLinkSource;

/** ILiveLinkClient */
class ILiveLinkClient
{
public:
	static FName ModularFeatureName;
	virtual ~ILiveLinkClient() = default;
	virtual FGuid AddSource(TSharedPtr<ILiveLinkSource> Source) = 0;
	virtual void RemoveSource(TSharedPtr<ILiveLinkSource> Source) = 0;
	virtual void PushSubjectStaticData_AnyThread(const FLiveLinkSubjectKey& Key, UClass* Role, FLiveLinkStaticDataStruct&& Data) = 0;
	virtual void PushSubjectFrameData_AnyThread(const FLiveLinkSubjectKey& Key, FLiveLinkFrameDataStruct&& Data) = 0;
};
