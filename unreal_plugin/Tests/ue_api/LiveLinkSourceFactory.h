#pragma once

#include "ILiveLinkSource.h"

class SWidget;

/** ULiveLinkSourceFactory */
class ULiveLinkSourceFactory : public UObject
{
public:
	using FOnLiveLinkSourceCreated = TDelegate<void, TSharedPtr<ILiveLinkSource>, FString>;
	enum class EMenuType { SubPanel, MenuEntry, Disabled };
	virtual FText GetSourceDisplayName() const;
	virtual FText GetSourceTooltip() const;
	virtual EMenuType GetMenuType() const;
	virtual TSharedPtr<SWidget> BuildCreationPanel(FOnLiveLinkSourceCreated OnLiveLinkSourceCreated) const;
	virtual TSharedPtr<ILiveLinkSource> CreateSource(const FString& ConnectionString) const;
};
